# Has Perl leave what the block it runs has changed.
#
#   perl -I FOLDER -MRunbookLeave FILE
#
# Perl loads this before the block, which so is run as it always is. This takes
# its own traces away. Its END comes after those of the block, and starts the
# driver of bash, which notes the directory, umask and environment it gets.

package RunbookLeave;

my ($bash, $driver, $state) = split /\n/, delete $ENV{__runbook_leave} // '';
my ($folder) = __FILE__ =~ m{(.*)/}s;
@INC = grep { $_ ne $folder } @INC;

# A process that the block forks comes to an end here too.
my $block = $$;

END {
    if ($$ == $block && defined $state) {
        # The exit code is the block's.
        local ($?, $!);
        local $SIG{CHLD} = 'DEFAULT';
        local $SIG{__WARN__} = sub { };
        CORE::system {$bash} $bash, '--norc', '--noprofile', '-p', $driver, 'leave', '', $state;
    }
}

1;
