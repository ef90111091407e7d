/** The mark: a tide curve over its datum line. */

export function Logo() {
  return (
    <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0b6b7e" />
      <path
        d="M4 20c3.2 0 4-9 8-9s4.2 11 8 11 4.6-7 8-7"
        fill="none"
        stroke="#fff"
        strokeWidth="2.6"
        strokeLinecap="round"
      />
      <path d="M5 26.5h22" stroke="#9fd8e0" strokeWidth="1.6" strokeLinecap="round" opacity=".7" />
    </svg>
  );
}
