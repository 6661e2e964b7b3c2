// Runs before the first paint, so that a chosen theme never flashes in the other one.
try {
  const theme = localStorage.getItem("localswarm.theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Storage that is blocked only means that nothing is remembered.
}
