// Server-sent events out of the body of a response: the text of each `data`, in order.

export async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const found = cut(rest + value);
      rest = found.rest;
      yield* found.events;
    }
  } finally {
    // Whoever stops reading closes the connection: that is how the node learns of it.
    await reader.cancel().catch(() => {});
  }
}

export function cut(text) {
  // A carriage return at the end may be half of a line break.
  const held = text.endsWith("\r") ? "\r" : "";
  const parts = text.slice(0, text.length - held.length).replaceAll("\r\n", "\n").replaceAll("\r", "\n").split("\n\n");
  const rest = parts.pop() + held;
  return { events: parts.map(dataOf).filter((data) => data !== null), rest };
}

function dataOf(event) {
  const lines = event.split("\n").filter((line) => line.startsWith("data:"));
  return lines.length ? lines.map((line) => line.slice(5).replace(/^ /, "")).join("\n") : null;
}
