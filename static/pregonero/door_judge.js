// The verdict of a phone without network. Pure: the list, who is inside as far as this phone knows, and the time come in.
const CLOSED = { b: "blocked", x: "voided", r: "replaced" };

// `ticket`: {people, inside, status} or undefined; `people`: how many ask to come in; `opensAt`, `now`: milliseconds.
export const judge = ({ ticket, people, opensAt, now }) => {
    if (!ticket) return refused("unknown", ticket);
    if (CLOSED[ticket.status]) return refused(CLOSED[ticket.status], ticket);
    if (opensAt && now < opensAt) return refused("too_early", ticket);
    if (ticket.inside >= ticket.people) return refused("already_inside", ticket);
    if (ticket.inside + people > ticket.people) return refused("too_many", ticket);
    return { result: "good", reason: "", admitted: people, inside: ticket.inside + people, people: ticket.people };
};

const refused = (reason, ticket) => ({
    result: "refused", reason, admitted: 0, inside: ticket?.inside ?? 0, people: ticket?.people ?? 0,
});
