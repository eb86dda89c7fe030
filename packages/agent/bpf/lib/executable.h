/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../abi/socket.h"

/*
 * What is read of kernel structures; the loader puts the offsets of the running kernel in place of
 * these. s_dev is (major << 20 | minor), not what stat() gives to user space.
 */
#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct super_block {
	__u32 s_dev;
};

struct inode {
	unsigned long i_ino;
	struct super_block *i_sb;
};

struct file {
	struct inode *f_inode;
};

struct mm_struct {
	struct file *exe_file;
};

struct task_struct {
	struct mm_struct *mm;
};
#pragma clang attribute pop

/* The file that the current process runs. False for kernel threads, which have none. */
static __always_inline bool executable_of_current(struct sxt_socket *maker)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct mm_struct *mm = task->mm;
	struct inode *inode;

	if (!mm || !mm->exe_file)
		return false;
	inode = mm->exe_file->f_inode;
	maker->executable_inode = inode->i_ino;
	maker->executable_device = inode->i_sb->s_dev;
	return true;
}
