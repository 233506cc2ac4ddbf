// What a person wants to be told of, on which channels, how often and when not.
export const CHANNELS = ['in_app', 'email', 'push', 'sms', 'whatsapp'] as const
export type Channel = (typeof CHANNELS)[number]
