# Has Ruby leave what the block it runs has changed.
#
#   ruby -r SCRIPT FILE
#
# Ruby loads this before the block, which so is run as it always is. What is
# set up first comes last at the end: it starts the driver of bash, which notes
# the directory, umask and environment it gets.

bash, driver, state = ENV.delete('__runbook_leave').to_s.split("\n")
block = Process.pid

at_exit do
  # A process that the block forks comes to an end here too.
  if state && Process.pid == block
    begin
      Process.wait(Process.spawn([bash, bash], '--norc', '--noprofile', '-p', driver, 'leave', '', state))
    rescue SystemCallError
      # Nothing is left then, and that is said.
    end
  end
end
