/*
** room.h: whether the process has room for threads and memory of Go, and lets it.
*/
#ifndef ROOM_H
#define ROOM_H

int room_threads(void);              /* how many threads Go needs for a load and a snapshot */
int room_megabytes(int threads);     /* and how much address space with them */
int room_for_threads(int n);         /* 0, or an errno: so many threads cannot be made */
int room_for_memory(int megabytes);  /* 0, or an errno: so much address space is not free */
int room_is_limit(const char *text); /* whether Go can read it as GOMEMLIMIT; NULL: not set */

#endif
