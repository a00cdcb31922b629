// Speaking to the server. Three ends: an answer; Offline (no clear answer in time); Refused (a clear no, with a sentence).
const PATIENCE = 4000;  // ms until a request that hangs counts as no network
const PATIENCE_FOR_MUCH = 20000;  // for what is long and nobody waits for in front of the door: the list, a batch

export class Offline extends Error {}

export class Refused extends Error {
    constructor(kind, sentence) {
        super(sentence);
        this.kind = kind;
        this.sentence = sentence;
    }
}

const NOT_NOW = new Set([408, 425, 429]);
const KIND = { 400: "invalid", 401: "login", 403: "closed", 404: "closed" };

export const makeServer = ({ urls, csrf, words }) => {
    let skew = 0;  // ms that the phone's clock is behind the server's

    const noted = (answer) => {
        const date = Date.parse(answer.headers.get("Date") ?? "");
        // The header knows no parts of a second, so small differences mean nothing.
        if (date) skew = Math.abs(date - Date.now()) > 5000 ? date - Date.now() : 0;
        return answer;
    };

    const refusal = async (answer) => {
        if (answer.type === "opaqueredirect") return new Refused("login", words.logged_out);
        if (answer.status >= 500 || NOT_NOW.has(answer.status)) return new Offline(String(answer.status));
        const said = await answer.json().catch(() => null);
        // Without JSON it is Django's own page: the form of this page is too old for the session.
        if (!said?.sentence) return new Refused("stale", words.reload);
        return new Refused(said.error ?? KIND[answer.status] ?? "invalid", said.sentence);
    };

    const call = async (address, options, patience) => {
        const limit = new AbortController();
        const timer = setTimeout(() => limit.abort(), patience);
        try {
            const answer = noted(
                await fetch(address, { credentials: "same-origin", redirect: "manual", cache: "no-store", signal: limit.signal, ...options }),
            );
            if (answer.status === 304) return { answer, body: null };
            if (!answer.ok) throw await refusal(answer);
            return { answer, body: await answer.json() };
        } catch (error) {
            if (error instanceof Refused) throw error;
            throw new Offline(error.message);
        } finally {
            clearTimeout(timer);
        }
    };

    const post = async (address, value, patience) => {
        const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf };
        return (await call(address, { method: "POST", headers, body: JSON.stringify(value) }, patience)).body;
    };

    return {
        now: () => Date.now() + skew,
        scan: (scan) => post(urls.scan, scan, PATIENCE),
        sync: (scans) => post(urls.sync, { scans }, PATIENCE_FOR_MUCH),
        undo: (wish) => post(urls.undo, wish, PATIENCE * 2),
        // null when nothing changed since the version with this tag.
        list: async (tag) => {
            const headers = tag ? { "If-None-Match": tag } : {};
            const { answer, body } = await call(urls.list, { headers }, PATIENCE_FOR_MUCH);
            return body && { tag: answer.headers.get("ETag") ?? "", list: body };
        },
    };
};
