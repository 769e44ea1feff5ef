/** A length-delimited protobuf field, for messages without a schema in this package. */
export const field = (number: number, content: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(content);
  if (bytes.length > 0x7f) {
    const length = [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
    return Buffer.concat([Buffer.of((number << 3) | 2, ...length), bytes]);
  }
  return Buffer.concat([Buffer.of((number << 3) | 2, bytes.length), bytes]);
};

/** A protobuf field with a 7-bit number. */
export const small = (number: number, value: number): Buffer => Buffer.of(number << 3, value);

/** A GraphDef of nodes `[name, op, ...inputs]`. */
export const graphDef = (nodes: readonly (readonly [string, string, ...string[]])[]): Buffer =>
  Buffer.concat(
    nodes.map(([name, op, ...inputs]) =>
      field(1, Buffer.concat([field(1, name), field(2, op), ...inputs.map((i) => field(3, i))])),
    ),
  );

/** A RunMetadata with the compute time of one node. */
export const runMetadata = (node: string, device: string, micros: number): Buffer => {
  const stats = Buffer.concat([field(1, node), small(2, 1), small(5, micros)]);
  return field(1, field(1, Buffer.concat([field(1, device), field(2, stats)])));
};
