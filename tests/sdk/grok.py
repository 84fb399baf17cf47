"""A small client in the manner of the original Python SDK, release 0.1.x, for conformance tests.

It sends what that SDK sends and relies on what that SDK relies on, over definitions compiled from
this project's own .proto files: plaintext to localhost with an `apikey`, an empty message for the
list of all conversations, the long retired field `use_grok`, no extension field at all.
"""

import asyncio


class Grok:
    """The service, through the calls of the original contract."""

    def __init__(self, channel, types, api_key="test-key"):
        self.types = types
        self._channel = channel
        self._metadata = (("apikey", api_key),)

    def unary(self, method, request, answer_type):
        """Begins a unary call."""
        call = self._channel.unary_unary(
            f"/prompt_ide.Chat/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=self.types[answer_type].FromString,
        )
        return call(request, metadata=self._metadata)

    def stream(self, method, data, answer_type):
        """Begins a streaming call; `data` is the serialized request."""
        call = self._channel.unary_stream(
            f"/prompt_ide.Chat/{method}",
            request_serializer=lambda raw: raw,
            response_deserializer=self.types[answer_type].FromString,
        )
        return call(data, metadata=self._metadata)

    def message(self, name, **fields):
        """A message of the package prompt_ide, or google.protobuf.Empty."""
        return self.types[name](**fields)

    def create_conversation(self, model_name="", fun_mode=False):
        """A handle; nothing is sent yet."""
        return Conversation(self, None, model_name, fun_mode)

    async def get_conversation(self, conversation_id, model_name="", fun_mode=False):
        """A loaded handle on an existing conversation."""
        conversation = Conversation(self, conversation_id, model_name, fun_mode)
        await conversation.load()
        return conversation

    async def list_conversations(self):
        """All conversations, asked for with an empty message."""
        page = await self.unary(
            "ListConversations", self.message("Empty"), "ListConversationsResponse"
        )
        return list(page.conversations)


class Conversation:
    """A forest of responses and a leaf."""

    def __init__(self, grok, conversation_id, model_name, fun_mode):
        self.grok = grok
        self.id = conversation_id
        self.model_name = model_name
        self.fun_mode = fun_mode
        self.data = None
        self.responses = {}
        self.leaf = None

    async def load(self):
        """Takes everything from the service; the last response becomes the leaf."""
        request = self.grok.message("GetConversationRequest", conversation_id=self.id)
        self.data = await self.grok.unary("GetConversation", request, "Conversation")
        self.responses = {one.response_id: Response(self, one) for one in self.data.responses}
        if self.data.responses:
            self.leaf = self.data.responses[-1].response_id

    async def update(self, title=None, starred=None):
        """Sets one of title and star and sends the other as it is known."""
        request = self.grok.message(
            "UpdateConversationRequest",
            conversation_id=self.id,
            title=self.data.title if title is None else title,
            starred=self.data.starred if starred is None else starred,
        )
        await self.grok.unary("UpdateConversation", request, "Conversation")
        self.data.title, self.data.starred = request.title, request.starred

    async def generate_title(self):
        """Has the service make a title."""
        request = self.grok.message(
            "GenerateTitleRequest", conversation_id=self.id, leaf_response_id=self.leaf or ""
        )
        answer = await self.grok.unary("GenerateTitle", request, "GenerateTitleResponse")
        self.data.title = answer.new_title
        return answer.new_title

    async def delete(self):
        """Deletes it."""
        request = self.grok.message("DeleteConversationRequest", conversation_id=self.id)
        await self.grok.unary("DeleteConversation", request, "Empty")

    def add_response(self, message):
        """A token generator, and a future that resolves once the generator has been read."""
        final = asyncio.get_running_loop().create_future()
        return self._tokens(message, final), final

    async def say(self, message):
        """Takes a turn; returns the token texts and the final response."""
        return await read(self.add_response(message))

    async def _tokens(self, message, final):
        if self.id is None:
            request = self.grok.message("CreateConversationRequest")
            self.data = await self.grok.unary("CreateConversation", request, "Conversation")
            self.id = self.data.conversation_id
        if self.data is None:
            await self.load()
        request = self.grok.message(
            "AddResponseRequest",
            conversation_id=self.id,
            message=message,
            model_name=self.model_name,
            parent_response_id=self.leaf or "",
            system_prompt_name="fun" if self.fun_mode else "",
        )
        use_grok = b"\x30\x01"  # field 6, bool, true: gone from the definitions, not from the wire
        data = request.SerializeToString() + use_grok
        seen = []
        async for event in self.grok.stream("AddResponse", data, "AddResponseResponse"):
            kind = event.WhichOneof("response")
            seen.append(kind)
            if kind == "user_response":
                assert seen == ["user_response"], f"user_response came after {seen[:-1]}"
                self.register(event.user_response)
            elif kind == "model_response":
                response = self.register(event.model_response)
                self.leaf = response.id
                final.set_result(response)
            elif kind == "token":
                assert not final.done(), "a token came after model_response"
                if event.token.HasField("token"):
                    yield event.token.token.final_logit.string_token
            else:
                assert kind == "query_action", f"a {kind} that was not asked for"
        assert seen.count("model_response") == 1, f"no single model_response in {seen}"
        assert ("user_response" in seen) == bool(message), f"wrong user_response in {seen}"

    def register(self, data):
        """Remembers a response."""
        self.responses[data.response_id] = Response(self, data)
        return self.responses[data.response_id]

    def roots(self):
        """Responses without parent."""
        return [one for one in self.responses.values() if not one.data.parent_response_id]


class Response:
    """One response."""

    def __init__(self, conversation, data):
        self.conversation = conversation
        self.data = data
        self.id = data.response_id

    def children(self):
        """What answers it."""
        every = self.conversation.responses.values()
        return [one for one in every if one.data.parent_response_id == self.id]

    def select(self):
        """Makes it the leaf."""
        self.conversation.leaf = self.id

    async def resample(self):
        """Has the model answer once more."""
        assert self.data.sender != "human", "a human response cannot be resampled"
        self.conversation.leaf = self.data.parent_response_id or None
        return await self.conversation.say("")

    async def replace(self, message):
        """Says something else in this place; returns the resulting model response."""
        conversation = self.conversation
        if self.data.sender == "human":
            conversation.leaf = self.data.parent_response_id or None
            return (await conversation.say(message))[1]
        grok = conversation.grok
        request = grok.message(
            "AddModelResponseRequest",
            conversation_id=conversation.id,
            message=message,
            partial=False,
            parent_response_id=self.data.parent_response_id,
        )
        response = conversation.register(await grok.unary("AddModelResponse", request, "Response"))
        response.select()
        return response

    async def share(self):
        """Makes the path up to here public."""
        grok = self.conversation.grok
        request = grok.message(
            "ShareConversationRequest", conversation_id=self.conversation.id, response_id=self.id
        )
        answer = await grok.unary("ShareConversation", request, "ShareConversationResponse")
        self.data.shared = True
        return answer.shared_id


async def read(turn):
    """Reads a turn to its end."""
    tokens, final = turn
    return [token async for token in tokens], await final
