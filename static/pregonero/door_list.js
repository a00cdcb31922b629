// The hashed list of an event as this phone knows it: what the server sent, and who came through this phone since then.
export const makeList = ({ store, slug, codes }) => {
    let kept = null;  // {slug, tag, list}
    let byKey = new Map();
    let notes = new Map();  // ticket → {inside, since, gate, at}

    const load = (row) => {
        kept = row;
        const firstKeys = new Map();  // a number belongs to one version of the list, the key to the ticket
        byKey = new Map(row.list.tickets.map(([key, people, inside, status, number]) => {
            if (!firstKeys.has(number)) firstKeys.set(number, key);
            return [key, { key, people, inside, status, ticket: firstKeys.get(number) }];
        }));
    };

    return {
        open: async () => {
            const row = await store.get("lists", slug);
            if (row) load(row);
            const mine = (await store.all("notes")).filter((note) => note.slug === slug);
            notes = new Map(mine.map((note) => [note.ticket, note]));
        },
        get tag() { return kept?.tag ?? ""; },
        get isThere() { return kept !== null; },
        get madeAt() { return kept ? Date.parse(kept.list.made_at) : 0; },
        // People inside and expected, as this phone knows them.
        get counts() {
            const tickets = [...new Map([...byKey.values()].map((entry) => [entry.ticket, entry])).values()];
            const sum = (of, value) => tickets.filter(of).reduce((total, entry) => total + value(entry), 0);
            return {
                inside: sum((entry) => entry.status !== "r", (entry) => notes.get(entry.ticket)?.inside ?? entry.inside),
                expected: sum((entry) => entry.status === "v", (entry) => entry.people),
            };
        },
        get checkedAt() { return kept?.checkedAt ?? 0; },
        get opensAt() { return kept ? Date.parse(kept.list.opens_at) : 0; },

        // `asked`: when the request left (ms). What was noted before that is in the answer already.
        replace: async (answer, asked) => {
            load({ slug, tag: answer.tag, list: answer.list, checkedAt: asked });
            await store.put("lists", kept);
            const old = [...notes.values()].filter((note) => note.at < asked);
            await store.remove("notes", old.map((note) => note.key));
            old.forEach((note) => notes.delete(note.ticket));
        },
        unchanged: (asked) => { if (kept) kept.checkedAt = asked; },

        // The ticket that a text names, with as many inside as is known here; undefined when it is not in the list.
        find: async (text) => {
            const named = codes.ticketIn(text);
            const key = named && kept ? await codes.keyOf(kept.list.salt, named) : "";
            const entry = byKey.get(key);
            return entry && { ...entry, ...(notes.has(entry.ticket) ? { inside: notes.get(entry.ticket).inside } : {}) };
        },
        noteOf: (ticket) => notes.get(ticket),
        note: async (ticket, { inside, since, gate }) => {
            const note = { key: `${slug}:${ticket}`, slug, ticket, inside, since, gate, at: Date.now() };
            notes.set(ticket, note);
            await store.put("notes", note);
        },
        forget: async () => {
            await store.remove("lists", [slug]);
            await store.remove("notes", [...notes.values()].map((note) => note.key));
            kept = null;
            byKey = new Map();
            notes = new Map();
        },
    };
};
