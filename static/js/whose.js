// Who is signed in on this device, told to all its open pages: those of somebody else give way.

const talk = globalThis.BroadcastChannel && new BroadcastChannel("whose");

/** This person is signed in now; null: nobody is. */
export const named = (user) => talk?.postMessage({ user });

/** `gone(user)` whenever somebody other than `mine` is, or nobody. */
export function hear(mine, gone) {
  talk?.addEventListener("message", ({ data }) => { if (data.user !== mine) gone(data.user); });
}
