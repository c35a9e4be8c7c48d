"""What people send is told by its content and made anew, in a child process, before anybody opens it."""
