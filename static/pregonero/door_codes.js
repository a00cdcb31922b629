// What a QR or a typed code says, as tickets/scanned.py reads it, and the key under which the hashed list knows it.
const CODE = /^[23456789ABCDEFGHJKMNPQRSTVWXYZ]{8}$/;
const FILLERS = /[\s\-\u2010-\u2015\u2212_.]+/g;
const TOKEN = /\/t\/([A-Za-z0-9]{22})(?:[/?#]|$)/;
const BARE_TOKEN = /^[A-Za-z0-9]{22}$/;
const KEY_BYTES = 10;
const LONGEST = 120;  // what the server keeps of a scan

export const tokenIn = (text) => {
    const clean = text.trim();
    return clean.match(TOKEN)?.[1] ?? clean.match(BARE_TOKEN)?.[0] ?? null;
};

// K7MD-4QXT, however it was typed; null when it cannot be a code.
export const codeIn = (text) => {
    const letters = text.normalize("NFKC").replace(FILLERS, "").toUpperCase();
    return CODE.test(letters) ? `${letters.slice(0, 4)}-${letters.slice(4)}` : null;
};

// The part of a scan that names a ticket: its token or its code; null when the scan names none.
export const ticketIn = (text) => tokenIn(text) ?? codeIn(text);

// What goes to the server: a long address is cut down to the part that names the ticket.
export const shortened = (text) => {
    const clean = text.trim();
    const token = tokenIn(clean);
    const signs = [...clean];
    return signs.length > LONGEST && token ? `/t/${token}/` : signs.slice(0, LONGEST).join("");
};

export const keyOf = async (salt, text) => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${salt}:${text}`));
    return [...new Uint8Array(digest, 0, KEY_BYTES)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

// A number that is used once. Where the page came without encryption, browsers offer no randomUUID.
export const newNonce = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};
