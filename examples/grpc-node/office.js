#!/usr/bin/env node
// An office's own program in Node.js: hands a document to its Lienthong node, and receives the answer.
//
//     office.js send   SOCKET RECIPIENT FILE    sends FILE, waits for the answer, acknowledges it
//     office.js answer SOCKET                   waits for one document, answers it, acknowledges it
//
// SOCKET is the node's Unix socket, DATA/run/api.sock. The .proto files are read as they are; nothing is generated.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const CHUNK_BYTES = 256 * 1024;
const PATIENCE_MS = 60_000;
const PROTOS = process.env.LIENTHONG_PROTOS || path.join(__dirname, '../../proto/src/main/protobuf');

const definition = loader.loadSync('lienthong/gateway/v1/gateway.proto', {
  includeDirs: [PROTOS],
  keepCase: true,
  longs: String,
  enums: String,
  oneofs: true,
});
const gateway = grpc.loadPackageDefinition(definition).lienthong.gateway.v1;

const deadline = () => new Date(Date.now() + PATIENCE_MS);

// The three things that can happen to a submission.
function accepted(answer) {
  switch (answer.outcome) {
    case 'accepted':
      return answer.accepted;
    case 'refused':
      throw new Error(`refused: LT-${answer.refused.number} ${answer.refused.reason}: ${answer.refused.detail}`);
    default:
      throw new Error(`busy: LT-${answer.busy.number} ${answer.busy.reason}, again in ${answer.busy.retry_after_ms} ms`);
  }
}

// A message of any size: header, chunks, end. A write that says false is followed by a wait: the file is read as fast as the node takes it.
async function sendFile(stub, header, file) {
  const call = stub.Send({ deadline: deadline() });
  const answered = new Promise((resolve, reject) => {
    let last;
    call.on('data', (response) => response.answers.forEach((answer) => (last = answer)));
    call.on('end', () => (last ? resolve(last) : reject(new Error('the stream ended without an answer'))));
    call.on('error', reject);
  });
  answered.catch(() => {});
  const write = async (item) => {
    if (!call.write({ items: [item] })) {
      await Promise.race([new Promise((resolve) => call.once('drain', resolve)), answered]);
    }
  };
  const part = { name: path.basename(file), content_type: 'application/pdf', size_bytes: fs.statSync(file).size };
  await write({ start: { transfer: 1, header, parts: [part] } });
  for await (const chunk of fs.createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
    await write({ chunk: { transfer: 1, part: 0, content: chunk } });
  }
  await write({ end: { transfer: 1 } });
  call.end();
  return accepted(await answered);
}

// The stream of messages for this office. What is not acknowledged comes again.
class Receiving {
  constructor(stub) {
    this.call = stub.Receive({ deadline: deadline() });
    this.items = this.read();
    this.do({ attach: { consumer: 'office.js' } });
    this.do({ credit: { messages: 64 } });
  }

  do(action) {
    this.call.write({ items: [action] });
  }

  async *read() {
    for await (const response of this.call) {
      yield* response.items;
    }
  }

  async next() {
    const { value, done } = await this.items.next();
    if (done) throw new Error('the node ended the stream');
    return value;
  }

  // The next message with the hash of each part's content, computed here.
  async message() {
    const open = new Map();
    for (;;) {
      const item = await this.next();
      switch (item.item) {
        case 'whole':
          return {
            lease: item.whole.lease,
            hashes: item.whole.contents.map((content) => crypto.createHash('sha256').update(content)),
          };
        case 'start':
          open.set(item.start.lease.lease, {
            lease: item.start.lease,
            hashes: item.start.lease.parts.map(() => crypto.createHash('sha256')),
          });
          break;
        case 'chunk':
          open.get(item.chunk.lease).hashes[item.chunk.part || 0].update(item.chunk.content);
          break;
        case 'end':
          return open.get(item.end.lease);
        case 'fault':
          throw new Error(`lease ${item.fault.lease}: ${item.fault.refused.reason}`);
        default:
      }
    }
  }

  // Returns once it is on the node's disk: from then on the message will not come again.
  async acknowledge(lease) {
    this.do({ acknowledge: { lease: lease.lease } });
    for (;;) {
      const item = await this.next();
      if (item.item === 'confirmed' && item.confirmed.lease === lease.lease) {
        this.call.end();
        return;
      }
    }
  }
}

function check({ lease, hashes }) {
  lease.parts.forEach((part, index) => {
    if (!hashes[index].digest().equals(part.sha256)) {
      throw new Error(`${part.name}: content does not have the hash the sender sealed`);
    }
  });
}

async function send(stub, recipient, file) {
  const clientId = crypto.randomUUID();
  const header = {
    client_id: clientId,
    recipients: [recipient],
    subject: 'Công văn gửi từ chương trình Node.js',
    precedence: 'PRECEDENCE_URGENT',
    correlation_id: clientId,
  };
  const { message_id: id } = await sendFile(stub, header, file);
  console.log(`node: accepted ${id}`);
  const receiving = new Receiving(stub);
  for (;;) {
    const received = await receiving.message();
    if (received.lease.header.correlation_id === clientId) {
      check(received);
      await receiving.acknowledge(received.lease);
      console.log(`node: answer from ${received.lease.header.sender}: ${received.lease.header.subject}`);
      return;
    }
  }
}

async function answer(stub) {
  const receiving = new Receiving(stub);
  const received = await receiving.message();
  check(received);
  const { lease } = received;
  const names = lease.parts.map((part) => part.name).join(', ');
  console.log(`node: received ${names} from ${lease.header.sender}: ${lease.header.subject}`);
  // The client id is made of the message's own: if this program dies and the message comes again, the answer is still sent once.
  const message = {
    header: {
      client_id: `re-${lease.header.message_id}`,
      recipients: [lease.header.sender],
      subject: `Đã nhận: ${lease.header.subject}`,
      correlation_id: lease.header.correlation_id,
    },
    parts: [{ header: { name: 'tra-loi.txt', content_type: 'text/plain' }, content: Buffer.from('Văn thư đã nhận đủ.\n') }],
  };
  const response = await new Promise((resolve, reject) => {
    stub.SendOne({ message }, { deadline: deadline() }, (error, value) => (error ? reject(error) : resolve(value)));
  });
  accepted(response.answer);
  await receiving.acknowledge(lease);
  console.log('node: answered and acknowledged');
}

async function main([command, socket, ...rest]) {
  const isSend = command === 'send' && socket && rest.length === 2;
  const isAnswer = command === 'answer' && socket && rest.length === 0;
  if (!isSend && !isAnswer) {
    console.error('usage: office.js send SOCKET RECIPIENT FILE | office.js answer SOCKET');
    return 64;
  }
  const stub = new gateway.GatewayService(`unix:${path.resolve(socket)}`, grpc.credentials.createInsecure());
  try {
    await (isSend ? send(stub, ...rest) : answer(stub));
    return 0;
  } catch (error) {
    console.error(`node: ${error.message}`);
    return 69;
  } finally {
    stub.close();
  }
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
