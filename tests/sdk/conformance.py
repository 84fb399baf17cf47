"""Does against a running service everything that the original Python SDK offers.

Usage: python3 tests/sdk/conformance.py HOST:PORT [KEY]

Needs the packages grpcio and protobuf. Prints one line for every step; the exit code is 0 when all
of them held.
"""

import asyncio
import sys

import grpc
from contract import message_types
from grok import Grok


def ok(step):
    print("ok", step, flush=True)


def whole(tokens, response):
    """What every sampled answer must be."""
    assert tokens, "no token came"
    assert "".join(tokens) == response.data.message, "the tokens are not the stored message"
    assert response.data.sender.lower() != "human" and not response.data.partial
    assert not response.data.manual


async def linear(grok):
    """A linear conversation; the handle creates it with its first turn."""
    conversation = grok.create_conversation()
    tokens, first = await conversation.say("How do I resample an answer?")
    whole(tokens, first)
    assert conversation.id, "the conversation has no id"
    assert conversation.data.create_time.seconds > 0
    question = conversation.responses[first.data.parent_response_id]
    assert question.data.message == "How do I resample an answer?"
    assert question.data.sender == "human" and not question.data.parent_response_id
    ok("a first turn creates the conversation")
    tokens, second = await conversation.say("And then?")
    whole(tokens, second)
    then = conversation.responses[second.data.parent_response_id]
    assert then.data.parent_response_id == first.id
    ok("the second turn goes below the first answer")
    return conversation, question, first


async def branches(conversation, question, first):
    """Resampling, replacing, selecting."""
    tokens, again = await first.resample()
    whole(tokens, again)
    assert again.data.parent_response_id == question.id and again.id != first.id
    assert {first.id, again.id} <= {one.id for one in question.children()}
    assert conversation.leaf == again.id
    ok("resampling makes a sibling")
    other = await question.replace("What is a token?")
    asked = conversation.responses[other.data.parent_response_id]
    assert asked.data.message == "What is a token?" and not asked.data.parent_response_id
    assert {one.id for one in conversation.roots()} == {question.id, asked.id}
    ok("replacing a human response makes a new root here, answered anew")
    written = await first.replace("Because I say so.")
    assert written.data.manual and not written.data.partial
    assert written.data.parent_response_id == question.id
    assert written.data.message == "Because I say so."
    ok("replacing a model response stores it by hand as a sibling")
    first.select()
    tokens, below = await conversation.say("Go on.")
    whole(tokens, below)
    said = conversation.responses[below.data.parent_response_id]
    assert said.data.parent_response_id == first.id
    ok("a selected response is what the next turn goes below")
    return written


async def partial(grok, conversation, question):
    """A partial model response is continued below itself."""
    request = grok.message(
        "AddModelResponseRequest",
        conversation_id=conversation.id,
        message="The answer begins with",
        partial=True,
        parent_response_id=question.id,
    )
    begun = conversation.register(await grok.unary("AddModelResponse", request, "Response"))
    assert begun.data.partial and begun.data.manual
    begun.select()
    tokens, rest = await conversation.say("")
    whole(tokens, rest)
    assert rest.data.parent_response_id == begun.id
    assert not rest.data.message.startswith("The answer begins with")
    ok("a partial response is continued by a child with only the new text")


async def names(grok, conversation):
    """Title and star, each sent along with the other."""
    await conversation.update(title="Sampling, by hand")
    await conversation.update(starred=True)
    known = {one.conversation_id: one for one in await grok.list_conversations()}
    listed = known[conversation.id]
    assert listed.title == "Sampling, by hand" and listed.starred
    ok("title and star are kept together; an empty request lists all")
    await conversation.update(starred=False)
    assert (await conversation.generate_title()).strip(), "an empty title"
    again = await grok.get_conversation(conversation.id)
    assert again.data.title == conversation.data.title and not again.data.starred
    ok("a title is generated and stored; the star is gone")


async def reload(grok, conversation, written):
    """All of it is still there for somebody new."""
    again = await grok.get_conversation(conversation.id)
    assert set(again.responses) == set(conversation.responses)
    times = [(one.create_time.seconds, one.create_time.nanos) for one in again.data.responses]
    assert times == sorted(times), "responses do not come oldest first"
    assert again.leaf == again.data.responses[-1].response_id
    for response in again.responses.values():
        assert response.data.message == conversation.responses[response.id].data.message
    ok("loading gives every response back, oldest first")
    assert await written.share(), "no id for what was shared"
    again = await grok.get_conversation(conversation.id)
    assert again.responses[written.id].data.shared
    ok("a shared response is known as shared")
    tokens, answer = await again.say("Still there?")
    whole(tokens, answer)
    ok("a loaded conversation goes on")


async def other_ways(grok):
    """Fun mode, several at once, stopping, deleting, unknown names."""
    tokens, answer = await grok.create_conversation(fun_mode=True).say("Tell me a joke.")
    whole(tokens, answer)
    ok("fun mode")
    talks = [grok.create_conversation() for _ in range(8)]
    for tokens, answer in await asyncio.gather(*(talk.say(f"Say {n}") for n, talk in enumerate(talks))):
        whole(tokens, answer)
    ok("eight answers at once")
    await talks[0].delete()
    known = {one.conversation_id for one in await grok.list_conversations()}
    assert talks[0].id not in known and talks[1].id in known
    await fails(grpc.StatusCode.NOT_FOUND, grok.get_conversation(talks[0].id))
    await fails(grpc.StatusCode.NOT_FOUND, grok.get_conversation("no-such-conversation"))
    lost = grok.create_conversation()
    await lost.say("Hello.")
    lost.leaf = "no-such-response"
    await fails(grpc.StatusCode.NOT_FOUND, lost.say("Hello?"))
    ok("deleted and unknown names are not found")


async def fails(code, call):
    try:
        await call
    except grpc.aio.AioRpcError as error:
        assert error.code() == code, f"{error.code()} instead of {code}"
        assert error.details(), "a status without words"
    else:
        raise AssertionError(f"{code} was expected")


async def main(address, *key):
    async with grpc.aio.insecure_channel(address) as channel:
        grok = Grok(channel, message_types(), *key)
        conversation, question, first = await linear(grok)
        written = await branches(conversation, question, first)
        await partial(grok, conversation, question)
        await names(grok, conversation)
        await reload(grok, conversation, written)
        await other_ways(grok)
    print("all steps held", flush=True)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
