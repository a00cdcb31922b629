// What the phone keeps between two openings, in IndexedDB: the hashed list, scans that wait, conflicts, who came since
// the list was made. No name and no number of anybody.
const NAME = "pregonero-door";
const KEYS = { lists: "slug", scans: "nonce", conflicts: "nonce", notes: "key" };

const settled = (request) =>
    new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });

const opened = () =>
    new Promise((resolve, reject) => {
        const request = indexedDB.open(NAME, 1);
        request.onupgradeneeded = () => {
            for (const [name, keyPath] of Object.entries(KEYS)) request.result.createObjectStore(name, { keyPath });
        };
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });

export const openStore = async () => {
    const db = await opened();
    // Resolved when it is on the disk: a verdict is shown only after that.
    const write = (name, act) =>
        new Promise((resolve, reject) => {
            const transaction = db.transaction(name, "readwrite", { durability: "strict" });
            act(transaction.objectStore(name));
            transaction.oncomplete = () => resolve();
            transaction.onerror = transaction.onabort = () => reject(transaction.error);
        });
    return {
        keeps: true,
        get: (name, key) => settled(db.transaction(name).objectStore(name).get(key)),
        all: (name) => settled(db.transaction(name).objectStore(name).getAll()),
        put: (name, row) => write(name, (store) => store.put(row)),
        remove: (name, keys) => write(name, (store) => keys.forEach((key) => store.delete(key))),
    };
};

// Where the browser keeps nothing (some private windows): the page works with network, and says so.
export const memoryStore = () => {
    const rows = Object.fromEntries(Object.keys(KEYS).map((name) => [name, new Map()]));
    return {
        keeps: false,
        get: async (name, key) => rows[name].get(key),
        all: async (name) => [...rows[name].values()],
        put: async (name, row) => void rows[name].set(row[KEYS[name]], row),
        remove: async (name, keys) => keys.forEach((key) => rows[name].delete(key)),
    };
};
