// Scans that were judged without network: kept on the disk until the server has answered for each of them.
const MOST_AT_ONCE = 200;
const MOST_BYTES = 60000;

export const makeQueue = ({ store, server, slug, onResult }) => {
    let sending = null;

    const waiting = async () =>
        (await store.all("scans")).filter((scan) => scan.slug === slug).sort((one, other) => (one.at < other.at ? -1 : 1));

    // What the server is told: everything but what is only for this phone.
    const told = ({ slug: _slug, ticket: _ticket, ...scan }) => scan;

    const fitting = (scans) => {
        const size = new Blob([JSON.stringify(scans)]).size;
        return size > MOST_BYTES && scans.length > 1 ? fitting(scans.slice(0, Math.ceil(scans.length / 2))) : scans;
    };

    const sendAll = async () => {
        let counts = null;
        for (;;) {
            const batch = fitting((await waiting()).slice(0, MOST_AT_ONCE));
            if (!batch.length) return counts;
            const answer = await server.sync(batch.map(told));
            counts = answer.counts ?? counts;
            const scans = new Map(batch.map((scan) => [scan.nonce, scan]));
            const answered = answer.results.filter((result) => scans.has(result.nonce));
            if (!answered.length) return counts;  // or this would go on for ever
            for (const result of answered) await onResult(scans.get(result.nonce), result);
            // Only now: should the tab die before, the same nonces go out again and get the same answers.
            await store.remove("scans", answered.map((result) => result.nonce));
        }
    };

    return {
        waiting,
        count: async () => (await waiting()).length,
        keep: (scan) => store.put("scans", { ...scan, slug }),
        insideOf: async (ticket) =>
            (await waiting()).filter((scan) => scan.ticket === ticket && scan.let_in).reduce((sum, scan) => sum + scan.let_in, 0),
        firstOf: async (ticket) => (await waiting()).find((scan) => scan.ticket === ticket && scan.let_in),
        // One at a time; who comes meanwhile waits for the same one. Gives the counts of the server, or null.
        send: () => {
            sending ??= sendAll().finally(() => { sending = null; });
            return sending;
        },
        forget: async () => store.remove("scans", (await waiting()).map((scan) => scan.nonce)),
    };
};
