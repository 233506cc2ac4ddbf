CREATE TABLE `claim_links` (
	`id` text PRIMARY KEY NOT NULL,
	`group_id` text NOT NULL,
	`expense_id` text NOT NULL,
	`token_hash` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `claim_links_token_hash_unique` ON `claim_links` (`token_hash`);--> statement-breakpoint
CREATE INDEX `claim_links_expense` ON `claim_links` (`expense_id`,`id`);--> statement-breakpoint
CREATE TABLE `receipts` (
	`id` text PRIMARY KEY NOT NULL,
	`group_id` text NOT NULL,
	`expense_id` text,
	`status` text NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `receipts_group` ON `receipts` (`group_id`,`id`);--> statement-breakpoint
CREATE INDEX `receipts_expense` ON `receipts` (`expense_id`) WHERE "receipts"."expense_id" IS NOT NULL;--> statement-breakpoint
ALTER TABLE `files` ADD `deleted_at` integer;