// Addresses within a collection: /NAME/documents/ID?from=1&to=2 and /NAME/nodes/ID.

const coded = (id) => {
  const parts = id.split("/");
  const plain = parts.every((part) => part && part !== "." && part !== "..");
  return plain ? parts.map(encodeURIComponent).join("/") : encodeURIComponent(id);
};

export const homeOf = (name) => `/${name}/`;
export const nodeOf = (name, node) => `/${name}/nodes/${coded(node)}`;

export function documentOf(name, id, span = null) {
  return `/${name}/documents/${coded(id)}${span ? `?from=${span[0]}&to=${span[1]}` : ""}`;
}

export function placeOf(address) {
  const found = /^\/([^/]+)\/(?:(documents|nodes)\/(.+))?$/.exec(address.pathname);
  if (!found) return { name: null };
  const [, name, kind, rest] = found;
  let id;
  try {
    id = rest ? decodeURIComponent(rest) : null;
  } catch {
    id = null;
  }
  const asked = new URLSearchParams(address.search);
  const span = asked.has("from") ? [Number(asked.get("from")), Number(asked.get("to"))] : null;
  return { name, document: kind === "documents" ? id : null, node: kind === "nodes" ? id : null, span };
}
