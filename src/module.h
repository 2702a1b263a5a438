/*
 * module.h
 *	  The version of the library.
 */
#ifndef ACTIVITY_MODULE_H
#define ACTIVITY_MODULE_H

extern void check_extension_version(void);

#endif /* ACTIVITY_MODULE_H */
