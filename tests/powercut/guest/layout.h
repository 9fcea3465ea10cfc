/* layout: where the parts of the box are.  */
#ifndef GUEST_LAYOUT_H
#define GUEST_LAYOUT_H

#define BOX          "/box"
#define BOX_UPPER    BOX "/upper"
#define BOX_PRISTINE BOX "/pristine"
#define BOX_ROOT     BOX "/root"
#define BOX_LOCK     BOX "/lock"
#define BOX_RESTORED BOX "/restored"
#define BOX_IMAGE    BOX "/image"
#define BOX_PACKAGE  BOX "/package"
#define BOX_NAME     "box"

#endif
