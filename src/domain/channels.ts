// By which channels people hear of things, and how often.
export const CHANNELS = ['in_app', 'email', 'push', 'sms', 'whatsapp'] as const
export type Channel = (typeof CHANNELS)[number]

/** The channels that leave the application. */
export type OutwardChannel = Exclude<Channel, 'in_app'>

export const FREQUENCIES = ['immediate', 'daily', 'weekly'] as const
export type Frequency = (typeof FREQUENCIES)[number]
