<?php
// Keeps letters in a file instead of sending them, adds a type and a state of posts as plugins do, and plays what other
// sites do, as the option `test_modes` says.

add_filter(
	'pre_wp_mail',
	function ( $done, $mail ) {
		foreach ( (array) $mail['to'] as $to ) {
			file_put_contents( TEST_FOLDER . '/mails', "$to: {$mail['subject']}\n", FILE_APPEND );
		}
		return true;
	},
	10,
	2
);

add_action(
	'init',
	function () {
		register_post_type(
			'recipe',
			array( 'label' => 'Recipes', 'public' => true, 'show_in_rest' => true, 'rest_base' => 'recipes',
				'supports' => array( 'title', 'editor', 'author', 'comments' ) )
		);
		register_post_status( 'in-edit', array( 'label' => 'In edit', 'protected' => true ) );
		register_post_status( 'shown-early', array( 'label' => 'Shown early', 'public' => true ) );
	}
);

function test_mode( $name ) {
	return in_array( $name, (array) get_option( 'test_modes', array() ), true );
}

// a security plugin
add_filter( 'wp_is_application_passwords_available', fn( $is ) => $is && ! test_mode( 'no application passwords' ) );

// a web server that keeps the Authorization header to itself
if ( test_mode( 'no authorization' ) ) {
	unset( $_SERVER['PHP_AUTH_USER'], $_SERVER['PHP_AUTH_PW'] );
}

// a plugin that takes the API away from everybody
add_filter(
	'rest_authentication_errors',
	fn( $is ) => test_mode( 'no api' ) ? new WP_Error( 'rest_disabled', 'The API is off.', array( 'status' => 403 ) ) : $is
);

// a plugin that fails at a certain post
add_filter(
	'rest_prepare_post',
	function ( $answer, $post, $request ) {
		if ( test_mode( 'a broken post' ) && $request['id'] && str_contains( $post->post_title, 'broken' ) ) {
			http_response_code( 500 );
			exit( '<b>Fatal error</b>: Uncaught TypeError' );
		}
		return $answer;
	},
	10,
	3
);

// The notes of WordPress 6.9, as far as who writes them over the API meets them: a type of comments that only those see
// who may edit the post, that needs no open comments, and that is mailed to the author.
add_action(
	'init',
	function () {
		if ( test_mode( 'notes' ) ) {
			add_post_type_support( 'post', 'editor', array( 'notes' => true ) );
		}
	}
);
add_filter(
	'rest_pre_dispatch',
	function ( $answer, $server, $request ) {
		if ( ! test_mode( 'notes' ) || 'note' !== $request['type'] || 'POST' !== $request->get_method() ) {
			return $answer;
		}
		if ( ! current_user_can( 'edit_post', $request['post'] ) ) {
			return new WP_Error( 'rest_cannot_create_note', 'Not allowed.', array( 'status' => 403 ) );
		}
		$user = wp_get_current_user();
		$id   = wp_insert_comment(
			array( 'comment_post_ID' => $request['post'], 'comment_type' => 'note', 'comment_approved' => 0,
				'user_id' => $user->ID, 'comment_author' => $user->display_name,
				'comment_content' => wp_slash( $request['content'] ) )
		);
		do_action( 'rest_insert_comment', get_comment( $id ), $request, true );
		return ( new WP_REST_Comments_Controller() )->prepare_item_for_response( get_comment( $id ), $request );
	},
	10,
	3
);
add_action(
	'rest_insert_comment',
	function ( $comment ) {
		if ( 'note' === $comment->comment_type ) {
			$author = get_userdata( get_post( $comment->comment_post_ID )->post_author );
			wp_mail( $author->user_email, 'New note', $comment->comment_content );
		}
	}
);
