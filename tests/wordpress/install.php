<?php
// Sets up the WordPress in a folder: php install.php FOLDER ADDRESS. Prints its users as JSON after a zero byte.
define( 'WP_INSTALLING', true );
[ , $folder, $address ] = $argv;
$_SERVER['HTTP_HOST']   = parse_url( $address, PHP_URL_HOST ) . ':' . parse_url( $address, PHP_URL_PORT );
$_SERVER['REQUEST_URI'] = '/';

// the database itself cannot be made by WordPress
preg_match( "/'DB_HOST', 'localhost:([^']+)'/", file_get_contents( "$folder/wp-config.php" ), $found );
$database = new mysqli( 'localhost', 'root', '', '', 0, $found[1] );
$database->query( 'CREATE DATABASE wordpress CHARACTER SET utf8mb4' );

require "$folder/wp-load.php";
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install( 'Tall Poplars Health', 'admin', 'admin@example.org', true, '', 'admin' );

$users = array();
foreach ( array(
	'admin'       => array( 'administrator', 'Ada Admin' ),
	'editor'      => array( 'editor', 'Edith Orr' ),
	'contributor' => array( 'contributor', 'Carl Ibsen' ),
	'subscriber'  => array( 'subscriber', 'Sue Breen' ),
) as $login => list( $role, $name ) ) {
	$id = username_exists( $login ) ?: wp_create_user( $login, $login, "$login@example.org" );
	wp_update_user( array( 'ID' => $id, 'role' => $role, 'display_name' => $name ) );
	[ $password ]    = WP_Application_Passwords::create_new_application_password( $id, array( 'name' => 'tests' ) );
	$users[ $login ] = array( 'id' => $id, 'password' => WP_Application_Passwords::chunk_password( $password ) );
}
wp_delete_post( 1, true );
update_option( 'permalink_structure', '' );
@unlink( TEST_FOLDER . '/mails' );
echo "\0" . json_encode( $users );
