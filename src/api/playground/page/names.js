// The names of the whole swarm, which stands for any of the models: as it is asked, and with the way it shall answer.

const WAYS = ["swarm:fast", "swarm:vote"];

export const saysHow = (id) => WAYS.includes(id);
export const isWhole = (id) => id === "swarm" || saysHow(id);
