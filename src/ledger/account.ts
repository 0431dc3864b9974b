/**
 * The holder of what all hold together, and the scope of everything: an id that no organisation,
 * platform, provider, offering or plan has.
 */
export const everything = '00000000-0000-0000-0000-000000000000'
