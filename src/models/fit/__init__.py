"""Does a model fit this machine, how is it loaded, how fast will it be, and which is best? All of it pure."""
