"""Who is there: a pure state machine in the way of SWIM. No sockets, no clock, no tasks: time and chance are handed in.

What happens                          a node that is alive       a suspect                  one that is gone
------------------------------------  -------------------------  -------------------------  ------------------------
it answers us                         -                          alive (*)                  alive (*)
a question of ours stays unanswered   doubted: asked again at    the clock runs on          -
                                      once, and through others
a second one, or it refuses at once   suspect, and others hear   -                          -
                                      of it if none reached it
others reach it, it speaks to us, or  -                          the clock starts again     knocked on at once
it says so with a new incarnation
others say that it is suspect, gone   doubted: asked at once     gone, where they said gone -
no sign of it for 3.8 seconds         -                          gone                       -
it says goodbye                       gone                       gone                       -

Only a node's own answer makes it alive. What others say makes us ask: it never ends a node by itself. A suspect is not
routed to. (*) one that comes back again and again stays a suspect for a while longer.

Nodes that are no members (sighted, told of, gone) wait in `Doors`, and are knocked on.
"""
