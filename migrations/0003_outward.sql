CREATE TABLE `deliveries` (
	`id` text PRIMARY KEY NOT NULL,
	`endpoint_id` text NOT NULL,
	`group_id` text NOT NULL,
	`seq` integer NOT NULL,
	`n` integer NOT NULL,
	`event` text NOT NULL,
	`body` text NOT NULL,
	`state` text NOT NULL,
	`attempts` integer NOT NULL,
	`created_at` integer NOT NULL,
	`delivered_at` integer
);
--> statement-breakpoint
CREATE INDEX `deliveries_lane` ON `deliveries` (`endpoint_id`,`group_id`,`seq`,`n`) WHERE "deliveries"."state" = 'pending';--> statement-breakpoint
CREATE INDEX `deliveries_log` ON `deliveries` (`endpoint_id`,`created_at`,`id`);--> statement-breakpoint
CREATE INDEX `deliveries_created` ON `deliveries` (`created_at`);--> statement-breakpoint
CREATE TABLE `delivery_attempts` (
	`delivery_id` text NOT NULL,
	`n` integer NOT NULL,
	`at` integer NOT NULL,
	`duration_ms` integer NOT NULL,
	`status` integer,
	`error` text,
	`request_headers` text NOT NULL,
	`response` text NOT NULL,
	PRIMARY KEY(`delivery_id`, `n`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `inbox` (
	`consumer` text NOT NULL,
	`message_id` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`consumer`, `message_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `inbox_at` ON `inbox` (`at`);--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`kind` text NOT NULL,
	`input` text NOT NULL,
	`result` text,
	`state` text NOT NULL,
	`done_units` integer NOT NULL,
	`total_units` integer NOT NULL,
	`attempts` integer NOT NULL,
	`error` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`finished_at` integer
);
--> statement-breakpoint
CREATE INDEX `jobs_user` ON `jobs` (`user_id`,`id`);--> statement-breakpoint
CREATE TABLE `notices` (
	`user_id` text NOT NULL,
	`channel` text NOT NULL,
	`notification_id` text NOT NULL,
	`due_at` integer NOT NULL,
	`mail_id` text,
	PRIMARY KEY(`user_id`, `channel`, `notification_id`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `notification_preferences` (
	`user_id` text PRIMARY KEY NOT NULL,
	`body` text NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `notifications` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`type` text NOT NULL,
	`priority` text NOT NULL,
	`title` text NOT NULL,
	`message` text NOT NULL,
	`sender` text,
	`metadata` text NOT NULL,
	`action_url` text,
	`group_id` text,
	`seq` integer,
	`is_listed` integer NOT NULL,
	`created_at` integer NOT NULL,
	`read_at` integer
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `notifications_user` ON `notifications` (`user_id`,`created_at`,`id`) WHERE "notifications"."is_listed" = 1;--> statement-breakpoint
CREATE INDEX `notifications_unread` ON `notifications` (`user_id`) WHERE "notifications"."is_listed" = 1 AND "notifications"."read_at" IS NULL;--> statement-breakpoint
CREATE INDEX `notifications_created` ON `notifications` (`created_at`);--> statement-breakpoint
CREATE TABLE `webhook_endpoints` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`url` text NOT NULL,
	`description` text NOT NULL,
	`events` text NOT NULL,
	`group_ids` text,
	`secret` text NOT NULL,
	`previous_secret` text,
	`previous_until` integer,
	`origin` text NOT NULL,
	`disabled_at` integer,
	`disabled_reason` text,
	`failing_since` integer,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `webhook_endpoints_user` ON `webhook_endpoints` (`user_id`) WHERE "webhook_endpoints"."deleted_at" IS NULL;--> statement-breakpoint
CREATE TABLE `settlements` (
	`id` text PRIMARY KEY NOT NULL,
	`group_id` text NOT NULL,
	`payer_id` text NOT NULL,
	`payee_id` text NOT NULL,
	`status` text NOT NULL,
	`amount` integer NOT NULL,
	`paid` integer NOT NULL,
	`currency` text NOT NULL,
	`due_date` text,
	`plan_id` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `settlements_group` ON `settlements` (`group_id`,`id`);--> statement-breakpoint
CREATE INDEX `settlements_payer` ON `settlements` (`payer_id`,`id`);--> statement-breakpoint
CREATE INDEX `settlements_payee` ON `settlements` (`payee_id`,`id`);--> statement-breakpoint
CREATE INDEX `settlements_due` ON `settlements` (`payer_id`,`due_date`) WHERE "settlements"."due_date" IS NOT NULL AND "settlements"."status" = 'pending';--> statement-breakpoint
CREATE TABLE `payment_methods` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`type` text NOT NULL,
	`name` text NOT NULL,
	`details` text NOT NULL,
	`sealed` text NOT NULL,
	`is_default` integer NOT NULL,
	`is_verified` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `payment_methods_user` ON `payment_methods` (`user_id`,`id`) WHERE "payment_methods"."deleted_at" IS NULL;--> statement-breakpoint
CREATE UNIQUE INDEX `payment_methods_default` ON `payment_methods` (`user_id`) WHERE "payment_methods"."is_default" = 1 AND "payment_methods"."deleted_at" IS NULL;--> statement-breakpoint
CREATE TABLE `payments` (
	`id` text PRIMARY KEY NOT NULL,
	`settlement_id` text NOT NULL,
	`group_id` text NOT NULL,
	`user_id` text NOT NULL,
	`method_id` text NOT NULL,
	`gateway` text NOT NULL,
	`minor` integer NOT NULL,
	`currency` text NOT NULL,
	`status` text NOT NULL,
	`external_id` text,
	`transaction_id` text,
	`error` text,
	`refunded` integer NOT NULL,
	`refund_asked_at` integer,
	`sent_at` integer,
	`processed_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`attempts` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `payments_user` ON `payments` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `payments_group` ON `payments` (`group_id`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `payments_external` ON `payments` (`gateway`,`external_id`);--> statement-breakpoint
CREATE INDEX `payments_open` ON `payments` (`created_at`) WHERE "payments"."status" IN ('created', 'processing', 'requires_action') OR "payments"."refund_asked_at" IS NOT NULL;--> statement-breakpoint
CREATE TABLE `sandbox_payments` (
	`id` text PRIMARY KEY NOT NULL,
	`key` text NOT NULL,
	`about` text NOT NULL,
	`card` text NOT NULL,
	`minor` integer NOT NULL,
	`currency` text NOT NULL,
	`status` text NOT NULL,
	`decline` text,
	`settles_at` integer,
	`settles_to` text,
	`refund_id` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sandbox_payments_key_unique` ON `sandbox_payments` (`key`);--> statement-breakpoint
CREATE INDEX `sandbox_payments_created` ON `sandbox_payments` (`created_at`);--> statement-breakpoint
ALTER TABLE `groups` ADD `told_seq` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `groups_behind` ON `groups` (`id`) WHERE "groups"."seq" > "groups"."told_seq";--> statement-breakpoint
CREATE INDEX `comments_group` ON `comments` (`group_id`,`id`);--> statement-breakpoint
CREATE INDEX `files_group` ON `files` (`group_id`,`key`) WHERE "files"."group_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `invitations_group` ON `invitations` (`group_id`,`id`);--> statement-breakpoint
CREATE INDEX `invitations_open` ON `invitations` (`expires_at`) WHERE "invitations"."accepted_at" IS NULL AND "invitations"."revoked_at" IS NULL;--> statement-breakpoint
CREATE INDEX `outbox_dead` ON `outbox` (`id`) WHERE "outbox"."dead_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `outbox_group` ON `outbox` (`group_id`,`id`) WHERE "outbox"."group_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `users_zone` ON `users` (`timezone`,`id`) WHERE "users"."deactivated_at" IS NULL;
--> statement-breakpoint
CREATE TRIGGER `payment_methods_bounded` BEFORE INSERT ON `payment_methods`
WHEN (SELECT COUNT(*) FROM `payment_methods` WHERE `user_id` = NEW.`user_id` AND `deleted_at` IS NULL) >= 20
BEGIN SELECT RAISE(ABORT, 'payment_methods: there are as many as one person keeps'); END;
--> statement-breakpoint
-- What happened before there was anybody to tell is not told.
UPDATE `groups` SET `told_seq` = `seq`;
