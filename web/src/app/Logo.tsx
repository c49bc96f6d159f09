export function Logo() {
  return (
    <svg viewBox="4 4 24 24" width="20" height="20" aria-hidden="true">
      <path
        d="M16 16.5a2.2 2.2 0 0 1 2.2-2.2 4.6 4.6 0 0 1 4.5 4.6A7 7 0 0 1 15.7 26 9.3 9.3 0 0 1 6.4 16.6 9.9 9.9 0 0 1 16.3 6.5c3.9 0 7.2 1.9 9.3 4.9"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="3"
        strokeLinecap="round"
      />
    </svg>
  );
}
