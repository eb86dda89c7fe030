/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Offsets from the start of a frame. Only devices with Ethernet framing carry the programs. */
#define IP6_OFFSET	 ETH_HLEN
#define IP6_END_OFFSET	 (ETH_HLEN + (__u32)sizeof(struct ipv6hdr))
#define IP6_FIELD(field) (IP6_OFFSET + (__u32)offsetof(struct ipv6hdr, field))

/* Extension headers that a packet may have before its routing header or upper layer. */
#define MAX_EXTENSION_HEADERS 6
/* Longest run of options that is moved to make place before or after it. */
#define MAX_OPTION_BYTES 64

#define FRAGMENT_OFFSET_MASK 0xfff8

/* Version and length of an IPv4 header without options; the bits that only fragments have. */
#define IPV4_PLAIN	   0x45
#define IPV4_PLAIN_BYTES   20
#define IPV4_MORE	   0x2000
#define IPV4_OFFSET_MASK   0x1fff
#define IPV4_FRAGMENT_MASK (IPV4_MORE | IPV4_OFFSET_MASK)

/* First half of ::ffff:a.b.c.d, and what stands before the address in the second, as they lie in
 * memory. */
#define MAPPED_FIRST	  0ULL
#define MAPPED_SECOND(ip) (((__u64)(ip) << 32) | 0xffff0000ULL)

/* IPv4 lies below ::ffff:0:0/96: shorter prefixes are of the other family. */
#define MAPPED_LENGTH 96

/* AF_INET6; <sys/socket.h> is not for BPF. */
#define AF_INET6_NUMBER 10

/* Header and option of the fragment header. RFC 8200 section 4.5; no uapi header has it. */
struct fragment_header {
	__u8 next_header;
	__u8 reserved;
	__be16 fragment_offset;
	__be32 identification;
};

enum fragment {
	FRAGMENT_NONE,
	FRAGMENT_FIRST,
	FRAGMENT_LATER,
};

/* Where parsing stands: `next_header` names the header at `offset`, and is itself stored at
 * `named_at`. */
struct cursor {
	__u32 offset;
	__u32 named_at;
	enum fragment fragment;
	/* Of the datagram, where the packet is a fragment. */
	__be32 identification;
	__u8 next_header;
};

enum walk {
	WALK_DONE,
	WALK_TRUNCATED,
	WALK_EXCEEDED,
};

/* For what is read eight bytes at a time from the stack, where the verifier wants it aligned. */
#define WORDS __attribute__((aligned(8)))

/* By words of four bytes: the verifier wants aligned access to the stack, where an address may
 * follow a prefix length. */
static __always_inline void address_copy(void *to, const void *from)
{
	for (int i = 0; i < 4; i++)
		((__u32 *)to)[i] = ((const __u32 *)from)[i];
}

static __always_inline bool address_equal(const void *a, const void *b)
{
	for (int i = 0; i < 4; i++) {
		if (((const __u32 *)a)[i] != ((const __u32 *)b)[i])
			return false;
	}
	return true;
}

/* The IPv6 header, made linear if need be; NULL when the frame has none. */
static __always_inline struct ipv6hdr *ip6_get(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;

	if (data + IP6_END_OFFSET > (void *)(long)skb->data_end) {
		if (bpf_skb_pull_data(skb, IP6_END_OFFSET))
			return NULL;
		data = (void *)(long)skb->data;
		if (data + IP6_END_OFFSET > (void *)(long)skb->data_end)
			return NULL;
	}
	return data + IP6_OFFSET;
}

static __always_inline struct cursor cursor_after_ip6(const struct ipv6hdr *ip6)
{
	return (struct cursor){.offset = IP6_END_OFFSET,
			       .named_at = IP6_FIELD(nexthdr),
			       .fragment = FRAGMENT_NONE,
			       .identification = 0,
			       .next_header = ip6->nexthdr};
}

static __always_inline bool is_walked(__u8 header)
{
	return header == IPPROTO_HOPOPTS || header == IPPROTO_DSTOPTS || header == IPPROTO_FRAGMENT;
}

/*
 * Moves the cursor over options and fragment headers to the first other header. Stops at the
 * payload of a later fragment, where no header can be found. RFC 8200 section 4.1.
 */
static __always_inline enum walk cursor_walk(struct __sk_buff *skb, struct cursor *at)
{
	for (int i = 0; i < MAX_EXTENSION_HEADERS; i++) {
		struct fragment_header header;

		if (!is_walked(at->next_header))
			return WALK_DONE;
		/* Options are at least eight bytes long too. */
		if (bpf_skb_load_bytes(skb, at->offset, &header, sizeof(header)))
			return WALK_TRUNCATED;
		at->named_at = at->offset;
		if (at->next_header == IPPROTO_FRAGMENT) {
			bool later = header.fragment_offset & bpf_htons(FRAGMENT_OFFSET_MASK);

			at->next_header = header.next_header;
			at->offset += sizeof(header);
			at->fragment = later ? FRAGMENT_LATER : FRAGMENT_FIRST;
			at->identification = header.identification;
			if (later)
				return WALK_DONE;
			continue;
		}
		at->next_header = header.next_header;
		at->offset += (header.reserved + 1) * 8;
	}
	return is_walked(at->next_header) ? WALK_EXCEEDED : WALK_DONE;
}
