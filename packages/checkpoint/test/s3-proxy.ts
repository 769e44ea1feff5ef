import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll } from 'vitest';

/** A request and the status of its response; undefined if the connection broke. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly status: number | undefined;
}

/** The point at which a connection breaks. */
export type Break = 'in the request' | 'before the answer' | 'in the answer';

/** A proxy in front of an S3 server: adds what the server lacks, records requests, and breaks connections. */
export interface S3Proxy {
  readonly port: number;
  readonly seen: SeenRequest[];
  /** Called for every request; undefined forwards it. */
  breaks: (method: string, url: string) => Break | undefined;
  /** Honors conditional writes, which the server ignores. */
  conditional: boolean;
  /** Returns lists in pages of two. */
  paged: boolean;
  /** Sets the server's clock ahead of the time at which objects were written, in milliseconds. */
  later: number;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

const read = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const forward = (port: number, incoming: IncomingMessage, body: Buffer): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { method, url = '' } = incoming;
    const { authorization, ...anonymous } = incoming.headers;
    // The server does not know the proxy's tokens, and removing one invalidates the signature.
    const path = url.replace(/&?continuation-token=[^&]*/, '');
    const headers = path === url ? incoming.headers : anonymous;
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      read(answer).then((bytes) => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: bytes });
      }, reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

const xml = (status: number, text: string): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`),
});

const tagOf = (text: string, tag: string) =>
  new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(text)?.[1] ?? '';

/** Splits a list into pages of two. s3rver cannot, because it uses a cipher that OpenSSL no longer has. */
const page = (list: Answer, token: string | null): Answer => {
  const text = list.body.toString();
  const rows = text.match(/<Contents>.*?<\/Contents>/gs) ?? [];
  const from = Number(token ?? 0);
  const next = from + 2;
  const more = next < rows.length;
  const tail = more ? `<NextContinuationToken>${next}</NextContinuationToken>` : '';
  return xml(
    list.status,
    `<ListBucketResult><IsTruncated>${more}</IsTruncated>${tail}${rows.slice(from, next).join('')}</ListBucketResult>`,
  );
};

/** Features that s3rver lacks: conditional writes, and listing and aborting unfinished uploads. */
class Additions {
  readonly #etags = new Map<string, string>();
  readonly #uploads = new Map<string, string>();

  /** The response to a request that is rejected, or that the server does not support. */
  answer({ method, url = '', headers }: IncomingMessage, conditional: boolean): Answer | undefined {
    const { pathname, searchParams } = new URL(url, 'http://s3');
    if (method === 'GET' && searchParams.has('uploads')) {
      const rows = [...this.#uploads]
        .filter(([, key]) => key.startsWith(searchParams.get('prefix') ?? ''))
        .map(([id, key]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`);
      const element = 'ListMultipartUploadsResult';
      return xml(200, `<${element}>${rows.join('')}</${element}>`);
    }
    if (method === 'DELETE' && searchParams.has('uploadId')) {
      this.#uploads.delete(searchParams.get('uploadId') ?? '');
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
    }
    if (method !== 'PUT' || !conditional) return undefined;
    const etag = this.#etags.get(pathname);
    const refused =
      (headers['if-none-match'] === '*' && etag !== undefined) ||
      (headers['if-match'] !== undefined && headers['if-match'] !== etag);
    return refused ? xml(412, '<Error><Code>PreconditionFailed</Code></Error>') : undefined;
  }

  /** Tracks what the server has done. */
  note({ method, url = '' }: IncomingMessage, { status, headers, body }: Answer): void {
    if (status >= 300) return;
    const { pathname, searchParams } = new URL(url, 'http://s3');
    const id = searchParams.get('uploadId');
    if (method === 'POST' && searchParams.has('uploads')) {
      const key = decodeURIComponent(pathname).split('/').slice(2).join('/');
      this.#uploads.set(tagOf(body.toString(), 'UploadId'), key);
    } else if (id !== null) {
      if (method === 'POST') this.#uploads.delete(id);
    } else if (method === 'PUT') {
      this.#etags.set(pathname, headers.etag ?? '');
    } else if (method === 'DELETE') {
      this.#etags.delete(pathname);
    }
  }
}

/** Runs a proxy on a free port of the loopback interface for the tests of a file. */
export const s3Proxy = (server: { readonly port: number }): S3Proxy => {
  const additions = new Additions();
  const proxy = {
    port: 0,
    seen: [] as SeenRequest[],
    breaks: (): Break | undefined => undefined,
    conditional: true,
    paged: false,
    later: 0,
  };
  /** Requests reach the server one after the other, so that a condition still holds when the write is executed. */
  let turn: Promise<unknown> = Promise.resolve();
  const pass = (incoming: IncomingMessage, body: Buffer): Promise<Answer> => {
    const passed = turn.then(async () => {
      const own = additions.answer(incoming, proxy.conditional);
      if (own !== undefined) return own;
      const answer = await forward(server.port, incoming, body);
      additions.note(incoming, answer);
      const { searchParams } = new URL(incoming.url ?? '', 'http://s3');
      const isList = searchParams.has('list-type') && answer.status === 200;
      return isList && proxy.paged ? page(answer, searchParams.get('continuation-token')) : answer;
    });
    turn = passed.catch(() => undefined);
    return passed;
  };
  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = '', url = '', headers } = incoming;
    const where = (proxy as S3Proxy).breaks(method, url);
    const see = (status: number | undefined) => proxy.seen.push({ method, url, headers, status });
    const destroy = () => {
      see(undefined);
      incoming.socket.destroy();
    };
    if (where === 'in the request') {
      // Wait for some of the body, if there is one.
      if (headers['content-length'] === '0' || method !== 'PUT') return destroy();
      incoming.once('data', destroy);
      return;
    }
    const answer = await pass(incoming, await read(incoming));
    if (where === 'before the answer') return destroy();
    const date = new Date(Date.now() + proxy.later).toUTCString();
    outgoing.writeHead(answer.status, { ...answer.headers, date });
    if (where === 'in the answer') {
      outgoing.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), destroy);
      return;
    }
    see(answer.status);
    outgoing.end(answer.body);
  };
  const http = createServer((incoming, outgoing) => {
    handle(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    proxy.port = (http.address() as AddressInfo).port;
  });
  afterAll(() => {
    http.closeAllConnections();
    http.close();
  });
  return proxy;
};
