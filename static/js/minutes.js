// A closing meeting on its way from a draft to a row.

/** Under which a visit's meeting is kept as long as it is a draft. */
export const draftName = `meeting ${document.body.dataset.inspection}`;

/** The draft that the device has not taken yet, if any: newer than the one that is kept. */
export const unkept = { draft: null };

/** The meeting as it ends, now unless somebody wrote when; and never before the hour at which it is said to begin. */
export const ended = (meeting) => ({ ...meeting, closed_at: meeting.closed_at ?? [new Date().toISOString(), meeting.opened_at].sort()[1] });

/** Its row: lines for people that were left empty stay out. */
export const rowOf = (meeting) => ({ ...meeting, present: meeting.present.filter(({ name }) => name) });
