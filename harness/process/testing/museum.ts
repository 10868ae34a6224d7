/** The shell waits until its child leads a session of its own and is the program that it is to be. */
const untilEscaped =
  'until read -r _ name _ _ _ session _ </proc/$!/stat && [ "$name $session" = "(sleep) $!" ]; do :; done';

/**
 * Programs that behave as programs should not, for the tests of everything that has to survive them. Each is an
 * argument vector; those that stay print `ready` first, and stay for longer than any test may take.
 */
export const museum = {
  /** Ends when it is asked to. */
  obedient: sh("echo ready; exec sleep 1000"),
  ignoresTerm: sh("trap '' TERM; echo ready; while :; do sleep 0.05; done"),
  /** Every process of its tree ignores TERM. */
  ignoresTermAsFamily: sh("trap '' TERM; (while :; do sleep 0.05; done) & echo ready; wait"),
  /** Ends well, but a child of its keeps the pipe open. */
  leaksPipeHolder: sh("sleep 1000 & echo done"),
  /** Ends well and leaves a child that holds nothing. */
  leaksSilently: sh("sleep 1000 </dev/null >/dev/null 2>&1 & echo done"),
  /** Leaves a child that has moved to a session of its own and keeps the pipe open. */
  escapesWithPipe: sh(`setsid sleep 1000 & ${untilEscaped}; echo done`),
  /** Leaves a child in a session of its own that holds nothing: only the marker finds it. */
  escapesSilently: sh(`setsid sleep 1000 </dev/null >/dev/null 2>&1 & ${untilEscaped}; echo done`),
  /** 100 MB as fast as they go. */
  floods: sh("head -c 100000000 /dev/zero | tr '\\0' x"),
  /** The first byte of a two-byte character, and the end. */
  endsInsideCharacter: sh("printf 'caf\\303'"),
  /** Never reads what it is given. */
  ignoresInput: sh("exec sleep 0.05 </dev/null"),
  killsItself: sh("kill -KILL $$"),
  /** Comes back as two processes for every one that ends, until it is killed as a group. */
  forks: sh("echo ready; while :; do sleep 0.01 & sleep 0.01; done"),
} as const;

function sh(script: string): readonly [string, ...string[]] {
  return ["sh", "-c", script];
}
