<?php
// What a web server's rewriting does: files as they are, all other addresses to WordPress. And what the tests ask of
// WordPress from within, who show the key for that: much quicker than a PHP of its own each time.
$path = parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH );
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
if ( '/from-within' === $path ) {
	$key = file_get_contents( dirname( $_SERVER['DOCUMENT_ROOT'] ) . '/key' );
	if ( ! $key || ! hash_equals( $key, $_SERVER['HTTP_X_KEY'] ?? '' ) ) {
		http_response_code( 403 );
		return;
	}
	require $_SERVER['DOCUMENT_ROOT'] . '/wp-load.php';
	$code = file_get_contents( 'php://input' );
	echo "\0", json_encode( ( function () use ( $code ) { return eval( $code ); } )() );
	return;
}
if ( '/' !== $path && file_exists( $_SERVER['DOCUMENT_ROOT'] . $path ) ) {
	return false;
}
require $_SERVER['DOCUMENT_ROOT'] . '/index.php';
