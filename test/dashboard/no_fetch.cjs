// For NODE_OPTIONS=--require: no program may fetch anything. npm and node-postgres have means of their own.
globalThis.fetch = async (url) => {
  throw new Error(`fetched while it was built: ${url}`);
};
