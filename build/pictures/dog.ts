/** Who speaks in the chat of a picture. */
export const DOG = `<svg class="dog" viewBox="0 0 36 36"><rect width="36" height="36" rx="8" fill="#243b53"/>
<path d="M7 9c3-2 6-1 8 1h6c2-2 5-3 8-1 1 4 0 8-3 10 0 6-4 10-8 10s-8-4-8-10c-3-2-4-6-3-10z" fill="#f0b429"/>
<path d="M7 9c3-2 6-1 8 1-3 1-5 5-5 9-3-2-4-6-3-10zm22 0c-3-2-6-1-8 1 3 1 5 5 5 9 3-2 4-6 3-10z" fill="#b44d12"/>
<circle cx="14.6" cy="17" r="1.5" fill="#243b53"/><circle cx="21.4" cy="17" r="1.5" fill="#243b53"/>
<path d="M15.8 21.5h4.4c0 1.700-1 2.600-2.200 2.600s-2.200-.9-2.200-2.600z" fill="#243b53"/></svg>`
