// A peer for proofs: says every line that it is sent in capitals. Listens where the system lets it, and says where.
import { createServer } from "node:net";

const server = createServer((socket) => {
  socket.setEncoding("utf8");
  socket.on("data", (text) => socket.write(text.toUpperCase()));
  socket.on("error", () => socket.destroy());
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`listening on port ${server.address().port}\n`));
