CREATE TABLE `import_lines` (
	`group_id` text NOT NULL,
	`identity` text NOT NULL,
	`import_id` text NOT NULL,
	`record_id` text NOT NULL,
	`is_done` integer DEFAULT false NOT NULL,
	PRIMARY KEY(`group_id`, `identity`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `import_lines_import` ON `import_lines` (`import_id`,`record_id`);--> statement-breakpoint
CREATE TABLE `imports` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`group_id` text NOT NULL,
	`is_new_group` integer NOT NULL,
	`state` text NOT NULL,
	`file_key` text NOT NULL,
	`file_name` text NOT NULL,
	`file_size` integer NOT NULL,
	`sha256` text NOT NULL,
	`settings` text NOT NULL,
	`result` text,
	`job_id` text,
	`version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `imports_user` ON `imports` (`user_id`,`id`);