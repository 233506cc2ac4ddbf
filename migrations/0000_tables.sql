CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`hash` text NOT NULL,
	`hint` text NOT NULL,
	`scopes` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer,
	`last_used_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_hash_unique` ON `api_keys` (`hash`);--> statement-breakpoint
CREATE INDEX `api_keys_user` ON `api_keys` (`user_id`);--> statement-breakpoint
CREATE TABLE `audits` (
	`group_id` text PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`at` integer NOT NULL,
	`violations` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `balances` (
	`group_id` text NOT NULL,
	`member_id` text NOT NULL,
	`currency` text NOT NULL,
	`paid` integer NOT NULL,
	`owed` integer NOT NULL,
	`square_seq` integer NOT NULL,
	`square_at` integer NOT NULL,
	PRIMARY KEY(`group_id`, `member_id`, `currency`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `categories` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`icon` text NOT NULL,
	`color` text NOT NULL,
	`parent_id` text,
	`created_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `categories_name` ON `categories` (`user_id`,lower("name")) WHERE "categories"."deleted_at" IS NULL;--> statement-breakpoint
CREATE TABLE `comments` (
	`id` text PRIMARY KEY NOT NULL,
	`group_id` text NOT NULL,
	`expense_id` text NOT NULL,
	`member_id` text NOT NULL,
	`text` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `comments_expense` ON `comments` (`expense_id`);--> statement-breakpoint
CREATE TABLE `email_proofs` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`purpose` text NOT NULL,
	`code_hash` text NOT NULL,
	`token_hash` text NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `email_proofs_token_hash_unique` ON `email_proofs` (`token_hash`);--> statement-breakpoint
CREATE INDEX `email_proofs_user` ON `email_proofs` (`user_id`,`purpose`);--> statement-breakpoint
CREATE TABLE `expenses` (
	`n` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`group_id` text NOT NULL,
	`date` text NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`title` text NOT NULL,
	`amount_milli` integer NOT NULL,
	`currency` text NOT NULL,
	`category_id` text,
	`paid_by` text NOT NULL,
	`split_type` text NOT NULL,
	`posted_seq` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`body` text NOT NULL,
	`more` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `expenses_id_unique` ON `expenses` (`id`);--> statement-breakpoint
CREATE INDEX `expenses_group_date` ON `expenses` (`group_id`,`date`,`id`,`deleted_at`);--> statement-breakpoint
CREATE TABLE `files` (
	`key` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`group_id` text,
	`purpose` text NOT NULL,
	`name` text NOT NULL,
	`type` text NOT NULL,
	`size` integer NOT NULL,
	`sha256` text NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `groups` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`description` text NOT NULL,
	`type` text NOT NULL,
	`is_personal` integer NOT NULL,
	`currency` text NOT NULL,
	`is_private` integer NOT NULL,
	`invite_code` text,
	`image_key` text,
	`settings` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`archived_at` integer,
	`frozen_at` integer,
	`seq` integer NOT NULL,
	`head` text NOT NULL,
	`version` integer NOT NULL,
	`member_count` integer NOT NULL,
	`expense_count` integer NOT NULL,
	`total_minor` integer NOT NULL,
	`unsettled_minor` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `groups_invite_code_unique` ON `groups` (`invite_code`);--> statement-breakpoint
CREATE TABLE `idempotency` (
	`actor` text NOT NULL,
	`key` text NOT NULL,
	`fingerprint` text NOT NULL,
	`outcome` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`actor`, `key`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `invitations` (
	`id` text PRIMARY KEY NOT NULL,
	`group_id` text NOT NULL,
	`member_id` text NOT NULL,
	`email` text NOT NULL,
	`message` text NOT NULL,
	`token_hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`accepted_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invitations_token_hash_unique` ON `invitations` (`token_hash`);--> statement-breakpoint
CREATE INDEX `invitations_email` ON `invitations` (`email`);--> statement-breakpoint
CREATE TABLE `journal` (
	`group_id` text NOT NULL,
	`seq` integer NOT NULL,
	`command_id` text NOT NULL,
	`at` integer NOT NULL,
	`type` text NOT NULL,
	`body` text NOT NULL,
	`texts` text,
	`salt` text,
	`text_digest` text NOT NULL,
	`previous` text NOT NULL,
	`hash` text NOT NULL,
	PRIMARY KEY(`group_id`, `seq`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE UNIQUE INDEX `journal_command` ON `journal` (`group_id`,`command_id`);--> statement-breakpoint
CREATE TABLE `login_attempts` (
	`email_hash` text PRIMARY KEY NOT NULL,
	`failures` integer NOT NULL,
	`locked_until` integer,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `login_history` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`at` integer NOT NULL,
	`ip` text NOT NULL,
	`user_agent` text NOT NULL,
	`outcome` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `login_history_user` ON `login_history` (`user_id`,`at`);--> statement-breakpoint
CREATE TABLE `members` (
	`id` text PRIMARY KEY NOT NULL,
	`group_id` text NOT NULL,
	`user_id` text,
	`name` text NOT NULL,
	`email` text,
	`avatar_key` text,
	`role` text NOT NULL,
	`status` text NOT NULL,
	`joined_at` integer NOT NULL,
	`invited_by` text,
	`ended_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `members_user` ON `members` (`user_id`,`group_id`) WHERE "members"."user_id" IS NOT NULL;--> statement-breakpoint
CREATE INDEX `members_group` ON `members` (`group_id`);--> statement-breakpoint
CREATE INDEX `members_email` ON `members` (`email`) WHERE "members"."email" IS NOT NULL AND "members"."user_id" IS NULL;--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`group_id` text,
	`seq` integer,
	`payload` text NOT NULL,
	`due_at` integer NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`lease_until` integer,
	`done_at` integer,
	`dead_at` integer,
	`error` text
);
--> statement-breakpoint
CREATE INDEX `outbox_due` ON `outbox` (`due_at`) WHERE "outbox"."done_at" IS NULL AND "outbox"."dead_at" IS NULL;--> statement-breakpoint
CREATE TABLE `postings` (
	`group_id` text NOT NULL,
	`member_id` text NOT NULL,
	`currency` text NOT NULL,
	`seq` integer NOT NULL,
	`paid` integer NOT NULL,
	`owed` integer NOT NULL,
	PRIMARY KEY(`group_id`, `seq`, `member_id`, `currency`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `rates` (
	`currency` text NOT NULL,
	`date` text NOT NULL,
	`per_euro` text NOT NULL,
	PRIMARY KEY(`currency`, `date`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`generation` integer NOT NULL,
	`refresh_hash` text NOT NULL,
	`rotated_at` integer NOT NULL,
	`user_agent` text NOT NULL,
	`ip` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`username` text NOT NULL,
	`password_hash` text NOT NULL,
	`first_name` text NOT NULL,
	`last_name` text NOT NULL,
	`bio` text DEFAULT '' NOT NULL,
	`avatar_key` text,
	`preferred_currency` text NOT NULL,
	`timezone` text NOT NULL,
	`profile` text NOT NULL,
	`settings` text NOT NULL,
	`tier` text DEFAULT 'standard' NOT NULL,
	`is_verified` integer DEFAULT false NOT NULL,
	`personal_group_id` text NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deactivated_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`);--> statement-breakpoint
CREATE UNIQUE INDEX `users_username_unique` ON `users` (`username`);