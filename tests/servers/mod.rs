//! Real servers for integration tests.

pub(crate) mod mariadb;
pub(crate) mod postgres;
pub(crate) mod proxy;
pub(crate) mod sshd;
