CREATE TABLE `report_schedules` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`name` text NOT NULL,
	`request` text NOT NULL,
	`rule` text NOT NULL,
	`next_day` text NOT NULL,
	`last_day` text,
	`last_job_id` text,
	`paused_at` integer,
	`paused_reason` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `report_schedules_user` ON `report_schedules` (`user_id`,`id`);