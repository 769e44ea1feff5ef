/** A network of two layers and its SGD step, built and run in graph mode by Python TensorFlow. */
export const trainingGraph = `
import json, sys, base64
import numpy as np
import tensorflow as tf
tf1 = tf.compat.v1
tf1.disable_eager_execution()
random = np.random.RandomState(3)
x = tf1.placeholder(tf.float32, [None, 8], name="x")
y = tf1.placeholder(tf.int32, [None], name="y")
w1 = tf1.get_variable("w1", initializer=tf.constant(random.randn(8, 16).astype(np.float32)), use_resource=True)
w2 = tf1.get_variable("w2", initializer=tf.constant(random.randn(16, 4).astype(np.float32)), use_resource=True)
logits = tf.matmul(tf.nn.relu(tf.matmul(x, w1)), w2, name="logits")
loss = tf.reduce_mean(tf1.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits), name="loss")
tf1.train.GradientDescentOptimizer(0.05).minimize(loss, name="train")
init = tf1.global_variables_initializer()
names = tf.identity(tf.constant(["short", "a string that is longer than twenty-two bytes"]), name="names")
given = tf1.placeholder(tf.string, [None], name="given")
joined = tf.strings.join([given, tf.constant("!")], name="joined")
same = tf.identity(given, name="same")
parts = tf.split(x, 2, axis=1, name="parts")
check = tf1.debugging.assert_positive(x, name="check")
graph = tf1.get_default_graph().as_graph_def()
data = random.randn(20, 8).astype(np.float32)
labels = random.randint(0, 4, 20).astype(np.int32)
with tf1.Session() as session:
    session.run(init)
    losses = [float(session.run([loss, "train"], {x: data, y: labels})[0]) for _ in range(20)]
print(json.dumps({
    "graphDef": base64.b64encode(graph.SerializeToString()).decode(),
    "init": init.name,
    "nodes": [[node.name, node.op] for node in graph.node],
    "images": data.flatten().tolist(), "labels": labels.tolist(), "losses": losses,
}))
`;

export interface TrainingGraph {
  readonly graphDef: string;
  readonly init: string;
  readonly nodes: readonly (readonly [name: string, type: string])[];
  readonly images: readonly number[];
  readonly labels: readonly number[];
  readonly losses: readonly number[];
}
