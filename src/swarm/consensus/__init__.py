"""Which of several answers is given. Pure: candidates in, a standing out.

`forms` says what kind of answer a candidate is, whether it may vote, and what it says, as a text that is equal for
equals: `calls` and `json_form` (both over `reading`, `fields` and `strings`), `short` (over `numbers`), `code` (over
`python_code`). `weights` says how much each of the `votes` counts, `stages` what most say, `poll` who speaks for it,
`count` all of that as a standing, and `confidence` how sure it makes us.
"""
