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
CREATE INDEX `settlements_payer` ON `settlements` (`payer_id`,`id`);--> statement-breakpoint
CREATE INDEX `settlements_payee` ON `settlements` (`payee_id`,`id`);--> statement-breakpoint
CREATE INDEX `settlements_due` ON `settlements` (`due_date`) WHERE "settlements"."due_date" IS NOT NULL AND "settlements"."status" = 'pending';