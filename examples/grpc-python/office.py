#!/usr/bin/python3
"""An office's own program in Python: hands a document to its Lienthong node, and receives the answer.

    office.py send   SOCKET RECIPIENT FILE    sends FILE, waits for the answer, acknowledges it
    office.py answer SOCKET                   waits for one document, answers it, acknowledges it

SOCKET is the node's Unix socket, DATA/run/api.sock. Stubs are made from the .proto files by examples/run-examples.
"""

import hashlib
import os
import queue
import sys
import uuid

import grpc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "generated"))
from lienthong.gateway.v1 import gateway_pb2 as gateway  # noqa: E402
from lienthong.gateway.v1 import gateway_pb2_grpc as services  # noqa: E402
from lienthong.gateway.v1 import message_pb2 as message  # noqa: E402

CHUNK_BYTES = 256 * 1024
PATIENCE_SECONDS = 60


def send_items(header, path):
    """A message of any size: header, chunks, end. Nothing is read before the node asks for more."""
    name = os.path.basename(path)
    part = message.PartHeader(name=name, content_type="application/pdf", size_bytes=os.path.getsize(path))
    yield gateway.SendRequest(
        items=[gateway.SendItem(start=gateway.MessageStart(transfer=1, header=header, parts=[part]))])
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield gateway.SendRequest(
                items=[gateway.SendItem(chunk=gateway.MessageChunk(transfer=1, part=0, content=chunk))])
    yield gateway.SendRequest(items=[gateway.SendItem(end=gateway.MessageEnd(transfer=1))])


def accepted(answer):
    """The three things that can happen to a submission."""
    outcome = answer.WhichOneof("outcome")
    if outcome == "accepted":
        return answer.accepted
    if outcome == "refused":
        raise SystemExit(f"refused: LT-{answer.refused.number} {answer.refused.reason}: {answer.refused.detail}")
    raise SystemExit(f"busy: LT-{answer.busy.number} {answer.busy.reason}, again in {answer.busy.retry_after_ms} ms")


class Receiving:
    """The stream of messages for this office. What is not acknowledged comes again."""

    def __init__(self, stub):
        self.actions = queue.Queue()
        self.do(attach=gateway.Attach(consumer="office.py"))
        self.do(credit=gateway.Credit(messages=64))
        self.responses = stub.Receive(iter(self.actions.get, None), timeout=PATIENCE_SECONDS)

    def do(self, **action):
        self.actions.put(gateway.ReceiveRequest(items=[gateway.ReceiveAction(**action)]))

    def items(self):
        for response in self.responses:
            yield from response.items

    def messages(self):
        """Each message with the hash of each part's content, computed here."""
        open_leases = {}
        for item in self.items():
            kind = item.WhichOneof("item")
            if kind == "whole":
                yield item.whole.lease, [hashlib.sha256(content) for content in item.whole.contents]
            elif kind == "start":
                lease = item.start.lease
                open_leases[lease.lease] = (lease, [hashlib.sha256() for _ in lease.parts])
            elif kind == "chunk":
                open_leases[item.chunk.lease][1][item.chunk.part].update(item.chunk.content)
            elif kind == "end":
                yield open_leases.pop(item.end.lease)
            elif kind == "fault":
                raise SystemExit(f"lease {item.fault.lease}: {item.fault.refused.reason}")

    def acknowledge(self, lease):
        """Returns once it is on the node's disk: from then on the message will not come again."""
        self.do(acknowledge=gateway.Acknowledge(lease=lease.lease))
        for item in self.items():
            if item.WhichOneof("item") == "confirmed" and item.confirmed.lease == lease.lease:
                self.actions.put(None)
                return


def check(lease, hashes):
    for part, computed in zip(lease.parts, hashes):
        if computed.digest() != part.sha256:
            raise SystemExit(f"{part.name}: content does not have the hash the sender sealed")


def send(stub, recipient, path):
    client_id = str(uuid.uuid4())
    header = message.MessageHeader(
        client_id=client_id,
        recipients=[recipient],
        subject="Công văn gửi từ chương trình Python",
        precedence=message.PRECEDENCE_URGENT,
        correlation_id=client_id)
    for response in stub.Send(send_items(header, path), timeout=PATIENCE_SECONDS):
        for answer in response.answers:
            print(f"python: accepted {accepted(answer).message_id}", flush=True)
    receiving = Receiving(stub)
    for lease, hashes in receiving.messages():
        if lease.header.correlation_id == client_id:
            check(lease, hashes)
            receiving.acknowledge(lease)
            print(f"python: answer from {lease.header.sender}: {lease.header.subject}", flush=True)
            return


def answer(stub):
    receiving = Receiving(stub)
    for lease, hashes in receiving.messages():
        check(lease, hashes)
        names = ", ".join(part.name for part in lease.parts)
        print(f"python: received {names} from {lease.header.sender}: {lease.header.subject}", flush=True)
        # The client id is made of the message's own: if this program dies and the message comes again, the answer is still sent once.
        reply = message.WholeMessage(
            header=message.MessageHeader(
                client_id=f"re-{lease.header.message_id}",
                recipients=[lease.header.sender],
                subject="Đã nhận: " + lease.header.subject,
                correlation_id=lease.header.correlation_id),
            parts=[message.WholePart(
                header=message.PartHeader(name="tra-loi.txt", content_type="text/plain"),
                content="Văn thư đã nhận đủ.\n".encode())])
        accepted(stub.SendOne(gateway.SendOneRequest(message=reply), timeout=PATIENCE_SECONDS).answer)
        receiving.acknowledge(lease)
        print("python: answered and acknowledged", flush=True)
        return


def main(arguments):
    if len(arguments) == 5 and arguments[1] == "send":
        work = lambda stub: send(stub, arguments[3], arguments[4])  # noqa: E731
    elif len(arguments) == 3 and arguments[1] == "answer":
        work = answer
    else:
        print(__doc__, file=sys.stderr)
        return 64
    with grpc.insecure_channel("unix:" + os.path.abspath(arguments[2])) as channel:
        try:
            work(services.GatewayServiceStub(channel))
        except grpc.RpcError as error:
            print(f"python: {error.code().name}: {error.details()}", file=sys.stderr)
            return 69
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
