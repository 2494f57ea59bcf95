// Requests to our own server. Whatever goes wrong becomes a `Failure` whose status says what.

export class Failure extends Error {
  // status: that of HTTP, 0 where the server was not reached.
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const { reviewer, part } = document.body.dataset;
let token = document.querySelector('meta[name="csrf"]')?.content ?? "";

// Returns the reply's JSON; with a body it is a POST.
export async function ask(path, body, { keepalive = false, isAgain = false } = {}) {
  const options = { headers: { Accept: "application/json" }, credentials: "same-origin", keepalive };
  if (body !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.headers["X-CSRF-Token"] = token;
    options.body = JSON.stringify(body);
  }
  const reply = await reached(() => fetch(path, options), "The server does not answer");
  if (reply.ok) return reached(() => reply.json(), "The server broke off");
  if (reply.status === 403 && body !== undefined && !isAgain && (await isSignedInAgain())) {
    return ask(path, body, { keepalive, isAgain: true });
  }
  const told = await reply.json().catch(() => null);
  throw new Failure(reply.status, told?.error ?? `The server answered ${reply.status}`);
}

async function reached(work, message) {
  try {
    return await work();
  } catch {
    throw new Failure(0, message);
  }
}

// A new link was opened in this browser: its session has another token. Only the same person's is
// taken over, so that nobody's decisions are sent under another name.
async function isSignedInAgain() {
  try {
    const session = await (await fetch("/api/session", { credentials: "same-origin" })).json();
    if (session.reviewer !== reviewer || session.part !== part || session.csrf === token) return false;
    token = session.csrf;
    return true;
  } catch {
    return false;
  }
}
