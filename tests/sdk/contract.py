"""The message classes of prompt_ide, as a client of the original releases knows them.

Reads this project's .proto files with a parser that is just good enough for them, so that no
compiler is needed, and leaves out every field numbered from 1000 up: no old client has those.
"""

import pathlib
import re

from google.protobuf import descriptor_pb2, descriptor_pool, empty_pb2, message_factory
from google.protobuf import timestamp_pb2

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "proto" / "prompt_ide"
FIRST_EXTENSION = 1000
SCALARS = ("double", "float", "int64", "uint64", "int32", "bool", "string", "bytes", "uint32")
FIELD = re.compile(r"(repeated |optional )?([\w.]+) (\w+) = (\d+)$")
VALUE = re.compile(r"(\w+) = (\d+)$")


def message_types():
    """The classes by name, with google.protobuf.Empty as `Empty`."""
    pool = descriptor_pool.DescriptorPool()
    for known in (timestamp_pb2, empty_pb2):
        pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
    file = descriptor_pb2.FileDescriptorProto(
        name="prompt_ide.proto",
        package="prompt_ide",
        syntax="proto3",
        dependency=[known.DESCRIPTOR.name for known in (timestamp_pb2, empty_pb2)],
    )
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.proto")))
    enums = set(re.findall(r"enum (\w+)", text))
    for head, body in blocks(text):
        if head.startswith("message "):
            fill(file.message_type.add(), head.split()[1], body, enums)
    pool.Add(file)
    types = {one.name: f"prompt_ide.{one.name}" for one in file.message_type}
    types["Empty"] = "google.protobuf.Empty"
    find = pool.FindMessageTypeByName
    return {name: message_factory.GetMessageClass(find(full)) for name, full in types.items()}


def blocks(text):
    """The parts `head { body }` of a text, outermost only, without comments."""
    text = re.sub(r"//[^\n]*", "", text)
    depth, begin, head = 0, 0, ""
    for at, character in enumerate(text):
        if character == "{":
            if depth == 0:
                head, begin = re.split(r"[;}]", text[:at])[-1].strip(), at + 1
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                yield head, text[begin:at]


def fill(message, name, body, enums):
    """Puts into `message` what the body of its definition says."""
    message.name = name
    rest = body
    for head, inner in blocks(body):
        kind, inner_name = head.split()
        rest = re.sub(re.escape(head) + r"\s*\{" + re.escape(inner) + r"\}", "", rest)
        if kind == "oneof":
            message.oneof_decl.add(name=inner_name)
            fields(message, inner, enums, oneof=len(message.oneof_decl) - 1)
        elif kind == "enum":
            values = message.enum_type.add(name=inner_name).value
            for found in filter(None, map(VALUE.match, statements(inner))):
                values.add(name=found[1], number=int(found[2]))
    fields(message, rest, enums)


def fields(message, body, enums, oneof=None):
    """Adds the fields of a message or of one of its oneofs."""
    for found in filter(None, map(FIELD.match, statements(body))):
        label, kind, name, number = found.groups()
        if int(number) >= FIRST_EXTENSION:
            continue
        field = message.field.add(name=name, number=int(number))
        repeated = label is not None and label.startswith("repeated")
        field.label = field.LABEL_REPEATED if repeated else field.LABEL_OPTIONAL
        if kind in SCALARS:
            field.type = getattr(field, f"TYPE_{kind.upper()}")
        else:
            field.type = field.TYPE_ENUM if kind in enums else field.TYPE_MESSAGE
            field.type_name = kind
        if oneof is not None:
            field.oneof_index = oneof


def statements(body):
    """What is between the semicolons, without line breaks."""
    return [" ".join(part.split()) for part in re.sub(r"//[^\n]*", "", body).split(";")]
